/**
 * One side of a comparison, in a process of its own: nobody pays for what another has left in memory.
 * `rounds.ts <floor|inspan> <baseUrl> <wire> <stream> <one|five> <jobs a round>`. Prints a word when it is warm; then
 * each line that comes in starts a round, which answers with the CPU of one job in ms. Ends when its stdin ends.
 */
import { createInterface } from 'node:readline';
import { floorSubject } from './floor.ts';
import { type Access, inspanSubject, type Subject } from './inspan.ts';

/** Jobs before anything is measured: the compiler has then seen what it will see. */
const warmUpJobs = 150;

const [, , name, baseUrl = '', wire, stream, kind, count] = process.argv;
const access: Access = { baseUrl, wire: wire === 'chat' ? 'chat' : 'messages', stream: stream === 'true' };
const subject: Subject = name === 'floor' ? await floorSubject(access) : inspanSubject(access);
const job = kind === 'five' ? subject.five : subject.one;
const jobs = Number(count);
await repeat(warmUpJobs);
console.log('warm');
for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  await repeat(jobs);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000 / jobs);
}
await subject.close();
process.exit();

async function repeat(times: number): Promise<void> {
  for (let time = 0; time < times; time++) await job();
}
