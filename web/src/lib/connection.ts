import { createStore, useStore } from "@/lib/store";

/** Whether the server could be reached the last time it was asked. */
export interface Connection {
  isLost: boolean;
}

export const connection = createStore<Connection>({ isLost: false });

export const useConnection = (): Connection => useStore(connection);

/** Note the outcome of a request; unchanged news wakes nobody. */
export function noteConnection(isLost: boolean): void {
  if (connection.get().isLost !== isLost) connection.set({ isLost });
}
