/** What has to be so before a step of a failover is taken. docs/failover.md has this table too. */
export const GATES = {
  'replica-ready': 'A failover begins only with a replica that is ready.',
  'former-retained': 'A failover begins only when the region that loses the writer keeps no former primary yet.',
  'witness-before':
    'The replica is promoted, and the writer fenced, only after a fresh look has said that the replica follows the writer.',
  'fence-confirmed': 'A planned promotion is sent only after both halves of the fence are reported as on.',
  'operation-ended':
    'The target may be believed to be promoted only after the provider, or the Job of the call, has reported its end. A person reports nothing.',
  'witness-after': 'The names may move only after a fresh look has said that the target follows nobody any more.',
  'sql-verified': 'With verify: Sql the names may move only after PostgreSQL has said that it is not in recovery.',
  'equal-pair': 'A switchover begins, and its call is shown, only with two servers of the same size and storage.',
  'call-not-made':
    'A call that was shown is taken back only after a fresh look has said that the replica still follows the writer.',
  'cutover-asked': 'The names move only while cutover is Automatic.',
  'open-again': 'The XR is Ready only after a fence on the server that takes writes is reported as off.',
  validated:
    'With a probe the replica is made, and the next failover begins, only after a write has arrived by the write name.',
  'one-at-a-time':
    'A failover begins, and the replica is made, only after the names of the failover before have moved.',
  'former-left-alone': 'A former writer gets nothing that is newly asked for.',
  'region-answers':
    'A new replica is made only after a fresh look at the former writer was answered, or with reprotect: Now.',
  'standby-before-replica': 'A new replica is made only after the new writer has its standby.',
  'upgrade-from-rest':
    'An upgrade begins only with nothing else under way or asked for, and with a replica that is ready, or none.',
  'upgrade-backup': 'The replica goes for an upgrade only after a backup of the writer that was taken for it is there.',
  'replica-gone': 'The new version is sent only after a fresh look has said that the replica is not there any more.',
  'no-failover-in-upgrade': 'No failover begins from the moment at which the replica is to go for an upgrade.',
  'restore-once': 'What spec.restore says is carried out once, however often it is read.',
  'restored-ready':
    'Writes move to a restored server only after it is ready, open, has the password, and a fresh look has said that it follows nobody.',
  'restore-fenced':
    'A restored server takes writes only after both halves of the fence on the writer are reported as on.',
  'pair-before-deletion': 'With formerPrimary: Delete a former writer goes only after the new replica is ready.',
  'dependents-first': 'A server that is to go leaves only after nothing that stands on it is observed any more.',
  'read-name-first': 'A replica that goes for an upgrade leaves only after the read name has left it.',
  'adoption-agreed':
    'The servers of another control plane are taken over only after fresh looks, and the write name, agree with the list.',
} as const;

export type Gate = keyof typeof GATES;

/** Whether a gate holds a step back. All are asked here, so that a test can show what goes wrong without each. */
export const shut = (gate: Gate, closed: boolean): boolean => gate in GATES && closed;
