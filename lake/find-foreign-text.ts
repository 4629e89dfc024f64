/** What servers and tools leave in the place of a file, by its first characters. */
const FOREIGN = [
  { what: 'an HTML page', shape: /^\s*<(?:!doctype\s+html|html|head|body)[\s>]/iu },
  { what: 'an XML document', shape: /^\s*<(?:\?xml|error|listbucketresult)[\s>]/iu },
  { what: 'a git-lfs pointer', shape: /^version https:\/\/git-lfs\.github\.com\//u },
] as const;

const LOOKED_AT_BYTES = 256;

/** Names what a file is where it is surely none of the pipeline's: an error page, a pointer to the file. */
export function findForeignText(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, LOOKED_AT_BYTES);
  return FOREIGN.find(({ shape }) => shape.test(text))?.what;
}
