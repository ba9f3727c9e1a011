/** The machine's clock, for tests of parts whose time cannot be moved by hand: databases and sockets. */
export { systemClock } from '../../src/clock.ts';
