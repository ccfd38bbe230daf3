/**
 * Order in which Azure tries the inbound rules of a network security group; the first that matches decides, and Azure's own come after
 * 4096. A fence comes after the servers, whose replication and high availability it must not cut, and before the clients.
 */
export const PRIORITY = {
  servers: 100,
  storage: 110,
  entra: 120,
  /** Of several fences in one subnet, those that are on come first. */
  fence: (generation: number, on: boolean): number => (on ? 1000 : 2000) + generation,
  clients: 4000,
} as const;

/** PostgreSQL itself, and the built-in PgBouncer. Microsoft, concepts-networking-private. */
export const PORTS = ['5432', '6432'] as const;
