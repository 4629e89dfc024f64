/** Where an e-mail stands in a text. */
export interface EmailPlace {
  readonly start: number;
  readonly end: number;
}

/** No longer ones are delivered. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;

const LOCAL = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
/** Of these, what stands before an e-mail more often than in it: `email=ann@…`, `'ann@…'`. */
const RARE = /[!#$%&'*/=?^`{|}~]/u;
const DOMAIN = /[\p{L}\p{N}.-]/u;

/**
 * Finds the e-mails within a text, in their order. One that could begin at two places comes twice, the shorter first. Each
 * character is looked at a few times at most, whatever the text.
 */
export function* findEmails(text: string): Generator<EmailPlace, void, undefined> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL && LOCAL.test(text[start - 1] ?? '')) start -= 1;
    let end = at + 1;
    while (end < text.length && end - at <= MAX_DOMAIN && DOMAIN.test(text[end] ?? '')) end += 1;
    // A sentence's end is no part of it.
    while (end > at + 1 && /[.-]/u.test(text[end - 1] ?? '')) end -= 1;
    while (start < at && text[start] === '.') start += 1;
    if (start === at || end === at + 1) continue;
    let short = at;
    while (short > start && !RARE.test(text[short - 1] ?? '')) short -= 1;
    if (short > start && short < at) yield { start: short, end };
    yield { start, end };
  }
}
