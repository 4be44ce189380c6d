/** The address of somebody's page; an id may have any letters. */
export const personPath = (workspace: string, id: string): string =>
  `/w/${workspace}/people/${encodeURIComponent(id)}`;
