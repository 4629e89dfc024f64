/** The AWS SDK prints a paragraph about Node 20 on every start unless it is told not to. */
const QUIET_AWS_SDK = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** The one place that touches `process.env`: entry points call it once, first of all, and hand on what they got. */
export function processEnvironment(): NodeJS.ProcessEnv {
  process.env[QUIET_AWS_SDK] ??= 'true';
  return { ...process.env };
}
