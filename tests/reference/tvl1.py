"""TV-L1 optical flow in plain NumPy, written to be read: the slow twin of `optical_flow_tvl1`.

Every step is written from its formula with whole-array operations in float64. It takes intensities
0..1 and shares nothing with the package under test.
"""

import numpy as np


def optical_flow_tvl1(
    reference,
    moving,
    attachment=38.0,
    tightness=0.05,
    time_step=0.25,
    warps=2,
    iterations=20,
    levels=8,
    even_lighting=True,
    smallest_side=16,
):
    references = pyramid(np.asarray(reference, float), levels, smallest_side)
    movings = pyramid(np.asarray(moving, float), levels, smallest_side)
    flow = np.zeros((2, *references[-1].shape))
    for level in reversed(range(len(references))):
        shape = references[level].shape
        if flow.shape[1:] != shape:
            flow = 2 * resize_up(flow, shape)
        flow = solve_level(
            references[level],
            movings[level],
            flow,
            attachment * (1 if level == len(references) - 1 else 2**level),
            tightness / 2**level * (2 if level == len(references) - 1 else 1),
            time_step,
            warps,
            iterations * 2**level,
            even_lighting,
            is_coarsest=level == len(references) - 1,
        )
    return np.moveaxis(flow, 0, -1)


def solve_level(
    reference,
    moving,
    flow,
    attachment,
    tightness,
    time_step,
    warps,
    iterations,
    even_lighting,
    is_coarsest,
):
    i0, _, _ = spline(reference, np.zeros_like(flow))
    dual = np.zeros((2, 2, *reference.shape))
    for warp in range(warps + 4 * is_coarsest):
        i1, i1x, i1y = spline(moving, flow)
        inside = overlap(flow)
        gradient = np.stack((i1x, i1y)) * inside
        difference = (i1 - i0) * inside
        if even_lighting and not (is_coarsest and warp == 0):
            difference = difference - change_of_light(difference, gradient)
        constant = difference - (gradient * flow).sum(axis=0)
        for _ in range(iterations):
            rho = constant + (gradient * flow).sum(axis=0)
            auxiliary = flow + threshold(rho, gradient, attachment * tightness)
            for k in range(2):
                flow[k] = auxiliary[k] + tightness * divergence(dual[k])
            for k in range(2):
                ascent = dual[k] + time_step / tightness * forward_gradient(flow[k])
                dual[k] = np.clip(ascent, -1, 1)
        flow = np.stack([median3x3(component) for component in flow])
    return flow


def regularised_square(gradient):
    """Squared gradient plus a small number, for pixels that are flat."""
    return (gradient**2).sum(axis=0) + 1e-4


def threshold(rho, gradient, limit):
    """The three cases of the thresholding operator TH."""
    squared = regularised_square(gradient)
    return np.where(
        rho < -limit * squared,
        limit * gradient,
        np.where(rho > limit * squared, -limit * gradient, -rho * gradient / squared),
    )


def change_of_light(difference, gradient, cell=10):
    """Bilinear surface through local means, weighted by the inverse squared gradient."""
    weight = 1 / regularised_square(gradient)
    down, across = (hats(side, max(2, round(side / cell))) for side in difference.shape)
    means = (down.T @ (weight * difference) @ across) / (down.T @ weight @ across)
    # Less than a quarter of a grey level fades away.
    means = means * means**2 / (means**2 + 0.001**2)
    return down @ means @ across.T


def hats(length, cells):
    """Bilinear weight of each cell (columns) at each pixel (rows)."""
    place = np.clip((np.arange(length) + 0.5) * cells / length - 0.5, 0, cells - 1)
    return np.clip(1 - np.abs(place[:, None] - np.arange(cells)), 0, None)


def forward_gradient(plane):
    """(d/dx, d/dy), zero where the neighbour would lie outside."""
    gradient = np.zeros((2, *plane.shape))
    gradient[0, :, :-1] = plane[:, 1:] - plane[:, :-1]
    gradient[1, :-1, :] = plane[1:, :] - plane[:-1, :]
    return gradient


def divergence(field):
    """The negative adjoint of `forward_gradient`."""
    padded = np.pad(field, ((0, 0), (1, 0), (1, 0)))
    along_x = padded[0, 1:, 1:] - padded[0, 1:, :-1]
    along_y = padded[1, 1:, 1:] - padded[1, :-1, 1:]
    return along_x + along_y


def overlap(flow):
    """1 where the flow stays inside the image, falling to 0 over one pixel outside."""
    height, width = flow.shape[1:]
    y, x = np.mgrid[:height, :width]
    x, y = x + flow[0], y + flow[1]
    across = np.clip(np.minimum(x + 1, width - x), 0, 1)
    down = np.clip(np.minimum(y + 1, height - y), 0, 1)
    return across * down


def cubic_b_spline(d):
    d = np.abs(d)
    return np.where(d < 1, 2 / 3 - d**2 + d**3 / 2, np.where(d < 2, (2 - d) ** 3 / 6, 0))


def cubic_b_spline_slope(d):
    size = np.abs(d)
    slope = np.where(
        size < 1, -2 * size + 1.5 * size**2, np.where(size < 2, -((2 - size) ** 2) / 2, 0)
    )
    return np.sign(d) * slope


def spline(image, flow):
    """Value, d/dx and d/dy at (x + u, y + v), with the samples as coefficients, border repeated."""
    height, width = image.shape
    y, x = np.mgrid[:height, :width]
    x, y = x + flow[0], y + flow[1]
    value, slope_x, slope_y = np.zeros((3, height, width))
    for row_tap in range(-1, 3):
        for column_tap in range(-1, 3):
            row = np.floor(y).astype(int) + row_tap
            column = np.floor(x).astype(int) + column_tap
            sample = image[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
            value += sample * cubic_b_spline(x - column) * cubic_b_spline(y - row)
            slope_x += sample * cubic_b_spline_slope(x - column) * cubic_b_spline(y - row)
            slope_y += sample * cubic_b_spline(x - column) * cubic_b_spline_slope(y - row)
    return value, slope_x, slope_y


def median3x3(plane):
    padded = np.pad(plane, 1, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return np.median(windows, axis=(2, 3))


def pyramid(image, levels, smallest_side):
    images = [image]
    while (
        len(images) < levels and min((side + 1) // 2 for side in images[-1].shape) >= smallest_side
    ):
        images.append(halve(images[-1]))
    return images


def halve(image):
    return halve_rows(halve_rows(image).T).T


def halve_rows(image):
    """Half as many rows, centred on the same point."""
    even = len(image) % 2 == 0
    weights = np.array([1, 5, 10, 10, 5, 1] if even else [1, 4, 6, 4, 1])
    padded = np.pad(image, ((2, 3), (0, 0)), mode="edge")
    count = (len(image) + 1) // 2
    rows = (weight * padded[k:][: 2 * count : 2] for k, weight in enumerate(weights))
    return sum(rows) / weights.sum()


def resize_up(planes, shape):
    height, width = shape
    return np.stack([double_rows(double_rows(plane, height).T, width).T for plane in planes])


def double_rows(plane, rows):
    """Linear interpolation onto `rows` rows, half as far apart and centred on the same point."""
    fine = (np.arange(rows) - (rows - 1) / 2) / 2 + (len(plane) - 1) / 2
    coarse = np.arange(len(plane))
    return np.stack([np.interp(fine, coarse, column) for column in plane.T], axis=1)
