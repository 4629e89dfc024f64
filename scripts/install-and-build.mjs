import './require-node.mjs';
import { buildChanged, LOCK_FOLDER } from './build.mjs';
import { install } from './install.mjs';
import { withLock } from './lock.mjs';

/** Makes the clone ready to run: nothing is done, and nothing said, where nothing has changed. */
export async function installAndBuild() {
  await withLock(LOCK_FOLDER, async () => {
    await install();
    await buildChanged();
  });
}
