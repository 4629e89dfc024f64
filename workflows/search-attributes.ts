import { defineSearchAttributeKey } from '@temporalio/common';

/** By these Temporal's page and queries find windows: `HourloomPipeline = "door2door" and HourloomPartition >= "…"`. */
export const pipelineAttribute = defineSearchAttributeKey('HourloomPipeline', 'KEYWORD');

/** The window's start. A time, so that ranges can be asked for. (`Partition` alone is a reserved word there.) */
export const partitionAttribute = defineSearchAttributeKey('HourloomPartition', 'DATETIME');

/** `made` or `unchanged`, set when a run ends well. */
export const outcomeAttribute = defineSearchAttributeKey('HourloomOutcome', 'KEYWORD');
