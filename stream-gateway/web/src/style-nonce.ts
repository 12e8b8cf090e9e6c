// What the content security policy asks of each <style> element that a script puts into the page (ADR 0056). Styles that are set
// on an element (`style={{}}` of React, `element.style`) need none, and those of files come from this site.

/** That of the answer which brought index.html; '' where no gateway has put one in (`vite`, tests). */
export function styleNonce(): string {
  // Only the property has it: the attribute is emptied when the page is read, so that no selector finds it out.
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}
