/**
 * The base path of this installation, with a slash at both ends. The server writes it into the page; in the page as built,
 * for the root path, it is relative.
 */
export function basePathIn(page: Pick<Document, 'querySelector'>): string {
  const content = page.querySelector<HTMLMetaElement>('meta[name=base-path]')?.content ?? './';
  return new URL(content, 'http://page.invalid/').pathname;
}

/** The base path of the current page. */
export const BASE_PATH = basePathIn(document);
