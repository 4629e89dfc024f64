/**
 * A server does not answer, or not as it should. Nothing is wrong with what was asked: trying again later helps.
 * A subclass names the server; its message says where it should be and what to check.
 */
export abstract class OutageError extends Error {}
