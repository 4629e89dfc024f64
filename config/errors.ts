/** How a program of ours ends for a `ConfigurationError`, so that one that started it can tell. */
export const CONFIGURATION_EXIT_CODE = 3;

/** Something that a person set, or did not install, keeps the program from starting. Commands end with exit code 3. */
export class ConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigurationError';
  }
}

/** A server that must be there does not answer. Commands end with exit code 4. */
export class UnreachableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreachableError';
  }
}
