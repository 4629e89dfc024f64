import { GivenUpError } from '../model/given-up-error.ts';

/**
 * Ends a `make` for good: it is not tried again before its `version` changes, or a person runs the window. For what
 * waiting cannot mend, such as an account that was closed; anything else that is thrown is tried a few times more.
 */
export function giveUp(reason: string): never {
  throw new GivenUpError(reason);
}
