/**
 * The path below which this installation is reached, with a slash at both ends. The server writes it into the page; in the
 * page as it was built, which stands at the root, it is relative.
 */
export function basePathIn(page: Pick<Document, 'querySelector'>): string {
  const content = page.querySelector<HTMLMetaElement>('meta[name=base-path]')?.content ?? './';
  return new URL(content, 'http://page.invalid/').pathname;
}

/** The base path of the open page. */
export const BASE_PATH = basePathIn(document);
