import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';

/** A server that is there answers a probe on loopback in milliseconds. */
const PROBE_TIMEOUT_MS = 2_000;

/** Whether anything accepts connections at this host and port. */
export function probeTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: PROBE_TIMEOUT_MS });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}

/** Whether a Postgres takes sessions here: it asks for or grants the login, and is not still starting up or recovering. */
export function probePostgres(databaseUrl: string): Promise<boolean> {
  const { hostname, port, username, pathname } = new URL(databaseUrl);
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostname, port: Number(port || 5432), timeout: PROBE_TIMEOUT_MS });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => socket.write(startupMessage(decodeURIComponent(username), pathname.slice(1))));
    // `R` asks for a password or says that none is needed; `E` is a refusal.
    socket.once('data', (answer) => end(answer[0] === 'R'.charCodeAt(0)));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
    socket.on('error', () => end(false));
  });
}

/** The first message of a Postgres session, protocol 3.0. */
function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0${database}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

/**
 * Whether an S3 server answers here. One refuses a request without a signature, which is an answer; where it was given a
 * path that only it knows (`versitygw --health`), nothing but a 200 there will do.
 */
export function probeObjectStore(endpoint: string, healthPath?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const get = request(
      new URL(healthPath ?? '/', endpoint),
      { timeout: PROBE_TIMEOUT_MS, agent: false },
      (response) => {
        response.destroy();
        resolve(healthPath === undefined || response.statusCode === 200);
      },
    );
    get.once('timeout', () => get.destroy());
    get.once('close', () => resolve(false));
    get.on('error', () => resolve(false));
    get.end();
  });
}

const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

/** Whether a Temporal server without TLS serves its workflow service at this `host:port`, by gRPC's health check. */
export function probeTemporal(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://${address}`);
    const end = (answers: boolean) => {
      session.destroy();
      resolve(answers);
    };
    session.setTimeout(PROBE_TIMEOUT_MS, () => end(false));
    session.on('error', () => end(false));
    session.once('close', () => resolve(false));

    const check = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    check.on('error', () => end(false));
    // The answer is a five-byte frame header and the message { status = 1 }, 1 being SERVING.
    check.once('data', (frame: Buffer) => end(frame.subarray(5).equals(Buffer.from([0x08, 1]))));
    check.once('end', () => end(false));
    check.end(healthCheckFrame(WORKFLOW_SERVICE));
  });
}

/** An uncompressed gRPC frame with the message { service = 1 }. */
function healthCheckFrame(service: string): Buffer {
  const message = Buffer.from([0x0a, service.length, ...Buffer.from(service)]);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}
