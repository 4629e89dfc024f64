/** The one place that touches `process.env`: entry points call it once and hand on what they got. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
