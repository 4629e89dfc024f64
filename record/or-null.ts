import * as v from 'valibot';
import type { GenericSchema, InferOutput } from 'valibot';

/** A schema that lets any value pass, as null where it does not fit. */
export interface OrNullSchema<Wrapped extends GenericSchema> extends v.BaseSchema<
  unknown,
  InferOutput<Wrapped> | null,
  v.BaseIssue<unknown>
> {
  readonly type: 'nullable';
  readonly wrapped: Wrapped;
  /** Tells it from `v.nullable`, which takes null and nothing else. */
  readonly orNull: true;
}

/**
 * A value that does not fit becomes null, and its record is good all the same: `battery: orNull(v.number())`. The
 * field is nullable. Each one is counted. A field that is missing is a misfit still, unless it may be:
 * `v.optional(orNull(v.number()))`.
 */
export function orNull<const Wrapped extends GenericSchema>(wrapped: Wrapped): OrNullSchema<Wrapped> {
  const nullable = v.nullable(wrapped);
  const schema = {
    ...nullable,
    orNull: true,
    '~run'(dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) {
      const result = nullable['~run']({ value: dataset.value }, config);
      return result.issues ? { typed: true, value: null } : result;
    },
  };
  return schema as unknown as OrNullSchema<Wrapped>;
}

/** Whether a schema was made by `orNull`. */
export function isOrNull(schema: object): boolean {
  return 'orNull' in schema && schema.orNull === true;
}
