import { MultiBar, Presets } from 'cli-progress';

/** Where a command speaks: one document on stdout, all else on stderr. */
export interface Output {
  readonly json: boolean;
  /** A line for the person who watches. */
  note(line: string): void;
  /** What the command was for: the document with `--json`, else the text. Called once at most. */
  result(document: object, text: string): void;
  /** A bar on a terminal, nothing elsewhere. `stop` leaves the terminal as it was. */
  progress(label: string, total: number): Progress;
}

export interface Progress {
  advance(done: number): void;
  stop(): void;
}

/** Writes to this process' own streams. */
export function createOutput({ json }: { readonly json: boolean }): Output {
  return {
    json,
    note: (line) => void process.stderr.write(`${line}\n`),
    result: (document, text) => {
      const written = json ? JSON.stringify(document, null, 2) : text;
      if (written !== '') process.stdout.write(`${written}\n`);
    },
    progress: startProgress,
  };
}

function startProgress(label: string, total: number): Progress {
  if (!process.stderr.isTTY || total === 0) return { advance: () => {}, stop: () => {} };
  const bars = new MultiBar(
    {
      format: `${label} {bar} {value}/{total} · {eta_formatted} left`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_grey,
  );
  const bar = bars.create(total, 0);
  return { advance: (done) => bar.update(done), stop: () => bars.stop() };
}
