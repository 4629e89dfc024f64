/** What JSON can say. */
export type CodeData = string | number | boolean | null | readonly CodeData[] | { readonly [name: string]: CodeData };

/** What a code version is the hash of: columns, key, contract, statement and so on, each under its name. */
export type CodeDescription = { readonly [name: string]: CodeData };
