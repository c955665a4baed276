"""Write data.csv: 569 breast tumours, thirty measurements of each, and whether it was benign (from scikit-learn)."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer

features, benign = load_breast_cancer(return_X_y=True)
np.savetxt("data.csv", np.column_stack((features, benign)), delimiter=",", fmt="%g")
