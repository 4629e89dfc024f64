import type { ContractShape } from './contract-shape.ts';

/** The fields of a value that the contract does not know, by their names from the record on; each once. */
export function findNewFields(shape: ContractShape, value: unknown): readonly string[] {
  const found = new Set<string>();
  addNewFields(shape, value, '', found);
  return [...found];
}

/** The fields whose value did not fit and became null: `output` is what the contract made of `input`. Each once. */
export function findNulledFields(shape: ContractShape, input: unknown, output: unknown): readonly string[] {
  const found = new Set<string>();
  addNulledFields(shape, input, output, '', found);
  return [...found];
}

function addNewFields({ fields, item }: ContractShape, value: unknown, path: string, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (item && (item.fields ?? item.item)) {
      for (const element of value) addNewFields(item, element, `${path}[]`, found);
    }
    return;
  }
  if (!fields) return;
  for (const name in value) {
    const known = fields.get(name);
    if (!known) found.add(join(path, name));
    else if (known.fields ?? known.item) {
      addNewFields(known, (value as Readonly<Record<string, unknown>>)[name], join(path, name), found);
    }
  }
}

function addNulledFields(
  { fields, item, orNull, holdsOrNull }: ContractShape,
  input: unknown,
  output: unknown,
  path: string,
  found: Set<string>,
): void {
  if (!holdsOrNull || input === null || input === undefined) return;
  if (orNull && output === null) found.add(path);
  if (typeof input !== 'object' || typeof output !== 'object' || output === null) return;
  if (Array.isArray(input) && Array.isArray(output)) {
    if (item) input.forEach((element, index) => addNulledFields(item, element, output[index], `${path}[]`, found));
    return;
  }
  for (const [name, field] of fields ?? []) {
    const [before, after] = [input, output].map((value) => (value as Readonly<Record<string, unknown>>)[name]);
    addNulledFields(field, before, after, join(path, name), found);
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
