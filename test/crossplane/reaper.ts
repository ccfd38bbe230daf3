/**
 * A separate process that kills the process groups it was told about once its parent is gone. The end of the IPC channel
 * is the one signal that comes on every kind of death: return, crash, Ctrl-C and SIGKILL.
 */
export type ReaperMessage = { watch: number } | { forget: number };

const groups = new Set<number>();

const killAll = (): never => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // ESRCH: the group ended by itself.
    }
  }
  process.exit(0);
};

process.on('message', (message: ReaperMessage) => {
  if ('watch' in message) groups.add(message.watch);
  else groups.delete(message.forget);
});
process.on('disconnect', killAll);
// Until here a message would be lost if the parent died, so the parent starts nothing before it has read this.
if (process.connected) process.send?.('listening');
else killAll();
