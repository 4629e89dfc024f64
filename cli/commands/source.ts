import { describeSource } from '../../model/describe-source.ts';
import { countStrays, isSurveyed, STRAY_KINDS } from '../../model/survey.ts';
import type { Stray, StrayKind, Survey } from '../../model/survey.ts';
import type { Command } from '../command.ts';
import { findPipeline } from '../find-pipeline.ts';
import { formatTable } from '../format-table.ts';
import { useWarehouse } from '../use-servers.ts';

export interface SourceOptions {
  readonly pipeline: string;
}

/** Shows what stands in a pipeline's source and belongs to no window, as the daily survey found it. */
export const source: Command<SourceOptions> = async (context, { pipeline: name }) => {
  const { spec } = findPipeline(await context.loadDefinitions(), name);
  const { readSurveys } = await import('../../warehouse/read-surveys.ts');
  const { whole, open } = await useWarehouse(context, ({ sql }) => readSurveys(sql, spec.name));
  const document = {
    pipeline: spec.name,
    source: describeSource(spec.source),
    /** Whether an object of it can belong to no window at all. */
    surveyed: isSurveyed(spec.source),
    survey: whole ? describeSurvey(whole) : null,
    underWay: open ? { beganAt: writeTime(open.beganAt), objects: open.tally.objects } : null,
  };
  context.output.result(document, write(document));
};

interface SurveyDocument {
  readonly beganAt: string;
  readonly endedAt: string;
  readonly objects: number;
  /** Of all kinds. */
  readonly ofNoWindow: number;
  readonly kinds: readonly {
    readonly kind: StrayKind;
    readonly outcome: 'rejected' | 'skipped';
    readonly count: number;
    /** The hundred last written. */
    readonly latest: readonly { readonly key: string; readonly size: number; readonly writtenAt: string }[];
  }[];
}

function describeSurvey({ beganAt, notedAt, tally }: Survey): SurveyDocument {
  return {
    beganAt: writeTime(beganAt),
    endedAt: writeTime(notedAt),
    objects: tally.objects,
    ofNoWindow: countStrays(tally),
    kinds: STRAY_KINDS.filter((kind) => tally.strays[kind].count > 0).map((kind) => ({
      kind,
      outcome: kind === 'key' ? 'rejected' : 'skipped',
      count: tally.strays[kind].count,
      latest: tally.strays[kind].latest.map((stray: Stray) => ({ ...stray, writtenAt: writeTime(stray.writtenAt) })),
    })),
  };
}

const MAX_WRITTEN = 20;

const WHY: Readonly<Record<StrayKind, string>> = {
  key: 'rejected: a name that cannot be right',
  pattern: 'skipped: not named like its files',
  before_first: 'skipped: of the time before its first window',
  marker: 'skipped: stands for a folder',
};

function write({
  pipeline,
  source: from,
  surveyed,
  survey,
  underWay,
}: {
  readonly pipeline: string;
  readonly source: string;
  readonly surveyed: boolean;
  readonly survey: SurveyDocument | null;
  readonly underWay: { readonly objects: number } | null;
}): string {
  if (!surveyed) return `${pipeline} reads ${from}. Nothing there belongs to no window, so it is not surveyed.`;
  const rest = underWay ? [`A survey is under way: ${underWay.objects} objects so far.`] : [];
  if (!survey) {
    const first = 'It was not surveyed yet: reconcile does that once a day, while the pipeline is not paused.';
    return [`${pipeline} reads ${from}.`, ...(underWay ? rest : [first])].join('\n');
  }
  const { objects, ofNoWindow, kinds, beganAt } = survey;
  const heading = `${pipeline} reads ${from}.\nOf ${objects} objects at ${beganAt}, ${ofNoWindow} belong to no window.`;
  const tables = kinds.map(({ kind, count, latest }) => {
    const rows = latest.slice(0, MAX_WRITTEN).map(({ key, size, writtenAt }) => [`  ${showKey(key)}`, size, writtenAt]);
    const more = count - rows.length;
    const after = more > 0 ? `\n  and ${more} more; --json shows the hundred last written.` : '';
    return `${formatTable([[`${count} ${WHY[kind]}`, 'bytes', 'written at'], ...rows])}${after}`;
  });
  return [[heading, ...rest].join('\n'), ...tables].join('\n\n');
}

/** A name may hold what moves a terminal's cursor or turns its text round. */
function showKey(key: string): string {
  return key.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (each) => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`);
}

function writeTime(at: number): string {
  return new Date(at).toISOString();
}
