/**
 * Why a source file as a whole could not be used; it is quarantined with this word.
 *
 * - `key`: its name has the pipeline's shape but cannot be right: no such time, or characters that hide or forge.
 * - `gzip`: it begins as gzip, but is cut short, damaged, or followed by something else.
 * - `encoding`: UTF-16 or UTF-32; only UTF-8 is read.
 * - `format`: another format altogether: Parquet, zstd, bzip2, xz, zip, or gzip within gzip.
 * - `too_large`: more bytes, once unpacked, than one file may have.
 * - `csv`, `json_document`, `parquet`: its pipeline reads files in that format, and it is none, or not a whole one.
 */
export type FileReason = 'key' | 'gzip' | 'encoding' | 'format' | 'too_large' | 'csv' | 'json_document' | 'parquet';
