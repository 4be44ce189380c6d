/** The address of somebody's page; an id may have any letters. */
export const personPath = (workspace: string, id: string): string =>
  `/w/${workspace}/people/${encodeURIComponent(id)}`;

/** The address of the explorer with a question. */
export const insightPath = (workspace: string, spec: object): string =>
  `/w/${workspace}/insights?spec=${encodeURIComponent(JSON.stringify(spec))}`;

/** The address of a board. */
export const boardPath = (workspace: string, id: string): string =>
  `/w/${workspace}/boards/${encodeURIComponent(id)}`;
