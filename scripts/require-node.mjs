// Imported before anything else by every script. It keeps to old syntax, so that an old Node can read it and say so.
import { readFileSync } from 'fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace('>=', '');
const [neededMajor, neededMinor] = needed.split('.').map(Number);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(
    `Hourloom needs Node ${needed} or newer, and this is ${process.versions.node}. Node 24 is recommended.`,
  );
  process.exit(3);
}
