import { expect, test } from 'vitest';
import type { CommandContext } from '../../cli/command.ts';
import { assets } from '../../cli/commands/assets.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import { retail } from '../record/retail.ts';

test('says of a child table what of a record makes its rows, and of its columns where in it they stand', async () => {
  const said: { document: object; text: string }[] = [];
  const output = {
    note: () => undefined,
    progress: () => ({ advance: () => undefined, stop: () => undefined }),
    result: (document: object, text: string) => void said.push({ document, text }),
  };
  const loadDefinitions = () => Promise.resolve(collectDefinitions('here', { retail }));
  await assets({ output, loadDefinitions } as unknown as CommandContext, {});

  const [{ document, text } = { document: {}, text: '' }] = said;
  const listed = text.slice(text.indexOf('  retail/purchases')).split('\n').slice(0, 8);
  expect(listed).toEqual([
    '  retail/purchases  (each of purchases.products of retail/transactions)',
    '    transaction_id text key <- transaction_id',
    '    line bigint key <- the element’s number',
    '    sku bigint <- purchases.products[].sku',
    '    quantity bigint <- purchases.products[].quanitity',
    '    price numeric(19,4) <- purchases.products[].price',
    '    city text null <- delivery_address.city',
    '    source_line bigint <- the line’s number',
  ]);
  expect(text).toContain('  retail/delivery_addresses  (delivery_address of retail/transactions)\n');
  expect(document).toMatchObject({
    assets: expect.arrayContaining([
      expect.objectContaining({
        asset: 'retail/purchases',
        partOf: 'each of purchases.products of retail/transactions',
      }),
    ]) as unknown,
  });
});
