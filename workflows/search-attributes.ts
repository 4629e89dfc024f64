import { defineSearchAttributeKey } from '@temporalio/common';

/** By these Temporal's page finds windows: `HourloomPipeline = "door2door" and HourloomPartition = "2019-06-01T18"`. */
export const pipelineAttribute = defineSearchAttributeKey('HourloomPipeline', 'KEYWORD');

/**
 * The partition's name. Text, because that is what people write, `STARTS_WITH "2019-06"` finds a month, and the server
 * does not find equal datetimes in all of its databases. (`Partition` alone is a reserved word there.)
 */
export const partitionAttribute = defineSearchAttributeKey('HourloomPartition', 'KEYWORD');

/** `made`, `unchanged` or `waiting`, set when a run ends well. */
export const outcomeAttribute = defineSearchAttributeKey('HourloomOutcome', 'KEYWORD');
