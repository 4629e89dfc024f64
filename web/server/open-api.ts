const number = { type: 'number' } as const;
const failure = (description: string) =>
  ({ description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }) as const;

/** What the API answers, as OpenAPI says it. */
export const OPEN_API = {
  openapi: '3.1.0',
  info: { title: 'Hourloom', version: '1', description: 'What the warehouse knows. It only reads.' },
  paths: {
    '/health': {
      get: {
        summary: 'Whether the warehouse can be read',
        responses: {
          200: {
            description: 'It can.',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Health' } } },
          },
          503: {
            description: 'It cannot.',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Health' } } },
          },
        },
      },
    },
    '/trips': {
      get: {
        summary: 'The trips of one day, summed up',
        parameters: [
          {
            name: 'pickup_date',
            in: 'query',
            required: true,
            description: 'The day on which the trips began.',
            schema: { type: 'string', format: 'date' },
            example: '2025-02-01',
          },
        ],
        responses: {
          200: {
            description: 'The day’s summary.',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/TripDay' } } },
          },
          400: failure('No day was said, or more than one, or what is no day.'),
          404: failure('There are no trips of that day, or its month is not made.'),
          503: failure('The warehouse cannot be reached.'),
        },
      },
    },
  },
  components: {
    schemas: {
      Health: {
        type: 'object',
        required: ['status'],
        properties: { status: { enum: ['ok', 'unavailable'] }, error: { type: 'string' } },
      },
      TripDay: {
        type: 'object',
        required: [
          'summary_id',
          'pickup_date',
          'total_passenger_count',
          'total_distance',
          'total_fare',
          'avg_trip_distance',
          'avg_fare_amount',
        ],
        properties: {
          summary_id: { type: 'string', format: 'uuid', description: 'The same on every run.' },
          pickup_date: { type: 'string', format: 'date' },
          total_passenger_count: { type: 'integer', description: 'Trips whose number of passengers is known.' },
          total_distance: { ...number, description: 'Miles.' },
          total_fare: { ...number, description: 'Dollars.' },
          avg_trip_distance: { type: ['number', 'null'] },
          avg_fare_amount: { type: ['number', 'null'] },
        },
      },
      Error: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } },
    },
  },
} as const;
