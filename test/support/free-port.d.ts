/** See free-port.js. */
export function freePort(): Promise<number>;
