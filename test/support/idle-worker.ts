const SCRIPT = `
  setInterval(() => undefined, 1000);
  process.on('SIGTERM', () => process.exit(0));
  console.log('DATABASE_URL=' + process.env.DATABASE_URL);
  process.send('ready');
`;

/** A worker that is ready at once, does nothing, and ends when it is asked. It says which database it was given. */
export const IDLE_WORKER = { command: process.execPath, args: ['-e', SCRIPT] } as const;

/** A worker that is ready at once and cannot be asked to end. */
export const STUBBORN_WORKER = {
  command: process.execPath,
  args: ['-e', `process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); process.send('ready');`],
} as const;
