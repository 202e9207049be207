"""Write eigenvalues.npy: a short row of floats, by numpy itself."""
import os

import numpy as np

np.save(os.path.join(os.path.dirname(__file__), "eigenvalues.npy"), np.array([12.5, 3.25, 1e-4], "<f4"))
