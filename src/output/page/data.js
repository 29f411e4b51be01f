// Reads the blob of the page: base64, zlib, a JSON header and typed arrays (block.rs describes the format).

Yizhan.data = (() => {
  const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array };

  function bytesOf(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  function inflate(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Response(stream).arrayBuffer();
  }

  function decode(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const begin = Math.ceil((4 + length) / 4) * 4;
    const arrays = {};
    for (const [name, { type, offset, length: count }] of Object.entries(header.arrays)) {
      arrays[name] = new TYPES[type](buffer, begin + offset, count);
    }
    return { header, arrays };
  }

  /** The header and the arrays; the text of the blob is dropped to free its memory. */
  async function read(element) {
    const bytes = bytesOf(element.textContent.trim());
    element.remove();
    return decode(await inflate(bytes));
  }

  return { read };
})();
