// SPDX-License-Identifier: Apache-2.0
// The transport's symbols (IEC 60417).
const shapes = {
  rewind: <path d="M22 5v14l-9-7zM12 5v14l-9-7z" />,
  fast_forward: <path d="M2 5v14l9-7zM12 5v14l9-7z" />,
  library_reverse: <path class="outline" d="M21 6.5v11l-7-5.5zM12 6.5v11l-7-5.5zM2.5 6.5v11" />,
  library_forward: <path class="outline" d="M3 6.5v11l7-5.5zM12 6.5v11l7-5.5zM21.5 6.5v11" />,
  play: <path d="M6 4v16l14-8z" />,
  record: <circle cx="12" cy="12" r="7.5" />,
  punch_out: <path d="M4 12a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM16.5 7.5h2.6v9h-2.6z" />,
  stop: <path d="M5 5h14v14H5z" />,
};

export function Icon({ name }: { name: keyof typeof shapes }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}
