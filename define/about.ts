import type { About } from '../model/about.ts';
import { DefinitionError } from './definition-error.ts';

/** What a definition says for people, and nothing where it says nothing. */
export function readAbout(where: string, { group, description }: About): About {
  if (group !== undefined && !/^[a-z][a-z0-9_]*$/u.test(group)) {
    throw new DefinitionError(where, `"${group}" is no name of a group. Use lower case letters, digits and _.`);
  }
  return { ...(group === undefined ? {} : { group }), ...(description === undefined ? {} : { description }) };
}
