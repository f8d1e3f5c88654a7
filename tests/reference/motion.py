"""Slow twins of the functions in `ma2mi_preprocessing.motion`, pixel by pixel."""

import math

import numpy as np


def optical_strain(flow):
    """Symmetric gradient of one (H, W, 2) field by differences over the neighbours there are."""
    height, width = flow.shape[:2]
    strain = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            left, right = max(x - 1, 0), min(x + 1, width - 1)
            above, below = max(y - 1, 0), min(y + 1, height - 1)
            u_x, v_x = (flow[y, right] - flow[y, left]) / (right - left)
            u_y, v_y = (flow[below, x] - flow[above, x]) / (below - above)
            e_xy = (u_y + v_x) / 2
            strain[y, x] = math.sqrt(u_x**2 + v_y**2 + 2 * e_xy**2)
    return strain


def to_gray(image):
    """BT.601 luma of one uint8 RGB image."""
    gray = np.zeros(image.shape[:2], np.uint8)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            red, green, blue = (int(value) for value in image[y, x])
            gray[y, x] = round((299 * red + 587 * green + 114 * blue) / 1000)
    return gray
