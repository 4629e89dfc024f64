/** What tests of definitions need: the package's `hourloom/testing`. */
export { runDefinition } from './run-definition.ts';
export type { DefinitionRun, TestFile } from './run-definition.ts';
