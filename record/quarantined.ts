/** Why a line is held back. Each is a word that people filter by; the detail beside it says what and where. */
export type QuarantineReason =
  | 'line_too_long'
  | 'document_too_large'
  | 'encoding'
  | 'depth'
  | 'bad_json'
  | 'truncated_tail'
  | 'not_object'
  | 'column_count'
  | 'dup_key'
  | 'forbidden_key'
  | 'nul'
  | 'surrogate'
  | 'number_range'
  | 'number_precision'
  | 'schema'
  | 'timestamp'
  | 'time_window'
  | 'rule'
  | 'unknown_entity'
  | 'rows_too_large'
  | 'key_conflict';

/** A record that broke a rule. */
export interface Quarantined {
  readonly kind: 'quarantined';
  readonly reason: QuarantineReason;
  /** What was expected and what was there, for a person. Bounded, and never the whole record. */
  readonly detail: string;
}

const MAX_DETAIL_LENGTH = 500;

/** Holds a record back. */
export function quarantined(reason: QuarantineReason, detail: string): Quarantined {
  return { kind: 'quarantined', reason, detail: detail.slice(0, MAX_DETAIL_LENGTH) };
}
