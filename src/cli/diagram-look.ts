import type { State } from './diagram-state.ts';
import { type Line, line } from './dot.ts';

export const GREY = '#5f6b7a';
export const COLOURS = {
  applications: { fillcolor: '#ffffff', color: '#4a5568' },
  zone: { fillcolor: '#f6f2fc', color: '#9b82c9' },
  name: { fillcolor: '#e6dcf7', color: '#7a5bb5' },
  region: { fillcolor: '#f7f9fb', color: '#b4c0cd' },
  network: { fillcolor: '#eaf3fb', color: '#6ea0d0' },
  subnet: { fillcolor: '#ffffff', color: '#9cbfe0' },
  Primary: { fillcolor: '#cfe8d5', color: '#2f8a4c' },
  Replica: { fillcolor: '#e9f5ec', color: '#2f8a4c' },
  Former: { fillcolor: '#eceff2', color: '#5f6b7a' },
  Restored: { fillcolor: '#fdf1dc', color: '#cf9632' },
  backup: { fillcolor: '#fdf1dc', color: '#cf9632' },
};

/** Style of a node or a frame: its colours, or none and a dashed line until it is ready. */
export function look(
  colours: { readonly fillcolor: string; readonly color: string },
  { ready }: State,
): { readonly style: string; readonly fillcolor: string; readonly color: string } {
  return ready
    ? { style: 'rounded,filled', ...colours }
    : { style: 'rounded,filled,dashed', fillcolor: 'white', color: GREY };
}

/** As look, for an arrow. */
export const arrow = ({ ready }: State, color: string) => (ready ? { color, fontcolor: color } : { style: 'dashed' });

export const stateLine = ({ says }: State): Line => line(says, 'state', GREY);
