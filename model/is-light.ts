/** How much a step is about to read. */
export interface Weight {
  readonly objects: number;
  readonly bytes: number;
}

const LIGHT: Weight = { objects: 16, bytes: 1024 * 1024 };

/**
 * Whether a step is done sooner than it could be handed to another worker and back, so that doing it once more costs
 * less than being able to go on after it.
 */
export function isLight({ objects, bytes }: Weight): boolean {
  return objects <= LIGHT.objects && bytes <= LIGHT.bytes;
}
