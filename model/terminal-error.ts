/**
 * Trying again cannot help: a person or a changed input must act first. Every other error is retried.
 * A subclass names one thing that a caller acts upon; its message says what happened, to what, and what to do now.
 */
export abstract class TerminalError extends Error {}
