import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Two of these, the file and the one before it, are the most that a log takes. */
const MAX_BYTES = 5_000_000;

/** A log on disk that cannot grow without end. */
export interface LogFile {
  readonly path: string;
  /** For a process that writes by itself; its writes are not counted until the log is opened again. */
  readonly fd: number;
  /** How much it held when it was opened. */
  readonly bytes: number;
  /** Adds text. When the log is full it first becomes `<path>.1`, in place of an earlier one, and begins anew. */
  write(text: string): void;
  /** What is written after this is dropped. */
  close(): void;
}

/** Opens a log for adding to it. */
export function openLogFile(path: string, maxBytes: number = MAX_BYTES): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= maxBytes) renameSync(path, `${path}.1`);
  const first = openSync(path, 'a', 0o600);
  const { size } = fstatSync(first);

  let fd: number | undefined = first;
  let bytes = size;
  return {
    path,
    fd: first,
    bytes: size,
    write(text) {
      if (fd === undefined) return;
      if (bytes >= maxBytes) {
        closeSync(fd);
        renameSync(path, `${path}.1`);
        fd = openSync(path, 'a', 0o600);
        bytes = 0;
      }
      bytes += writeSync(fd, text);
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
