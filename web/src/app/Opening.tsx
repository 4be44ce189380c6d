/** While the first page is being fetched; too short a moment for more. */
export function Opening() {
  return <div aria-busy="true" />;
}
