import { readFile } from 'node:fs/promises';
import { format, type FormatConfig } from 'oxfmt';

const settings = new URL('../../../.oxfmtrc.json', import.meta.url);

/** A generated file in the format of the repository, so that it never differs from what `npm run format` writes. */
export async function formatted(path: string, text: string): Promise<string> {
  const { code, errors } = await format(
    path,
    text,
    JSON.parse(await readFile(settings, 'utf8')) as FormatConfig,
  );
  if (errors.length > 0) throw new Error(`${path} cannot be formatted: ${JSON.stringify(errors)}`);
  return code;
}
