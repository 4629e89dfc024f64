/**
 * Adds bytes to a 64-bit fingerprint of a row's values, kept as two words. It tells a repeated record from one that
 * differs; it is no defence against somebody who makes two records agree on purpose, who would only hide his own.
 */
export function addToFingerprint(words: Uint32Array, bytes: Uint8Array, start: number, end: number): void {
  let one = words[0]!;
  let two = words[1]!;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    one = Math.imul(one ^ word, 0x9e3779b1);
    two = Math.imul(two ^ word, 0x85ebca6b);
    one ^= one >>> 15;
    two ^= two >>> 13;
  }
  for (; at < end; at += 1) {
    one = Math.imul(one ^ bytes[at]!, 0x9e3779b1);
    two = Math.imul(two ^ bytes[at]!, 0x85ebca6b);
  }
  // The length, so that a boundary between two values cannot move.
  words[0] = Math.imul(one ^ (end - start), 0xc2b2ae35) ^ (one >>> 16);
  words[1] = Math.imul(two ^ (end - start), 0x27d4eb2f) ^ (two >>> 16);
}
