import { createHmac } from 'node:crypto';

/** The secret without which nobody can tell whose pseudonym one is. */
export interface ErasureKey {
  /** Told with whatever was made by it; not secret. */
  readonly id: string;
  readonly secret: string;
}

/** What a person can be asked for by. */
export type IdentifierKind = 'id' | 'email';

/** A person's identifier as it is kept: nobody can read it, and whoever has the key can tell whether a value is it. */
export interface KeyedIdentifier {
  readonly keyId: string;
  readonly kind: IdentifierKind;
  /** 64 hex digits. */
  readonly hmac: string;
}

/** 64 hex digits that this value always gives with this key; `use` keeps what is kept apart from what is shown. */
export function keyedDigest({ secret }: ErasureKey, use: string, value: string): string {
  return createHmac('sha256', secret).update(`${use}\n${value}`).digest('hex');
}

/** Keeps an identifier. E-mails are the same in capital letters. */
export function keyIdentifier(key: ErasureKey, kind: IdentifierKind, value: string): KeyedIdentifier {
  const meant = kind === 'email' ? value.trim().toLowerCase() : value.trim();
  return { keyId: key.id, kind, hmac: keyedDigest(key, kind, meant) };
}
