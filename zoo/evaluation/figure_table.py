"""The table of figures, in the order in which cards show them.

All else that speaks of figures reads this table: evaluation, baselines, headlines, cards, tables
and the command. It loads neither TensorFlow nor scikit-learn.
"""

from zoo.evaluation.figure import Figure
from zoo.evaluation.figure_requirements import (
    BINARIZED,
    CLASSES,
    IMAGES,
    NORMAL_CLASS,
    NOT_BINARIZED,
    PRIOR,
    UNIT_RANGE,
)
from zoo.evaluation.reconstruction import cross_entropy, mse, psnr, ssim
from zoo.evaluation.sparsity import hoyer_sparsity, nonzeros

RECONSTRUCTING = ("mean", "pca", "noisy", "filter", "linear")
DETECTING = ("pca", "forest")

FIGURES = {
    "test_mse": Figure(
        label="test MSE",
        meaning="Mean squared error of the reconstructions, per value.",
        unit="squared units of the data",
        direction="lower",
        compute=lambda outputs: mse(outputs.reconstructions, outputs.samples),
        baselines=RECONSTRUCTING,
        spread_form=".6f",
        of_reconstructions=True,
        has_ratios=True,
    ),
    "test_bce": Figure(
        label="test cross-entropy",
        meaning="Mean binary cross-entropy of the reconstructions, per value.",
        unit="nats",
        direction="lower",
        compute=lambda outputs: cross_entropy(outputs.reconstructions, outputs.samples),
        needs=(UNIT_RANGE,),
        baselines=RECONSTRUCTING,
        spread_form=".6f",
        of_reconstructions=True,
    ),
    "test_psnr": Figure(
        label="test PSNR",
        meaning="Peak signal-to-noise ratio of a reconstructed image, averaged over the images; a "
        "perfect image counts as 100 dB.",
        unit="dB",
        direction="higher",
        compute=lambda outputs: psnr(outputs.reconstructions, outputs.samples),
        needs=(UNIT_RANGE, IMAGES),
        baselines=RECONSTRUCTING,
        form=".2f",
        of_reconstructions=True,
    ),
    "test_ssim": Figure(
        label="test SSIM",
        meaning="Structural similarity of an image and its reconstruction, averaged over the "
        "images; 1 is perfect (Wang et al. 2004).",
        direction="higher",
        compute=lambda outputs: ssim(outputs.reconstructions, outputs.samples),
        needs=(UNIT_RANGE, IMAGES),
        baselines=RECONSTRUCTING,
        of_reconstructions=True,
    ),
    "linear_probe": Figure(
        label="linear probe",
        meaning="Test accuracy of a logistic regression that predicts the class from the "
        "standardised code. Its L2 penalty is chosen on the validation split.",
        direction="higher",
        compute=lambda outputs: outputs.probe_accuracy,
        needs=(CLASSES, NOT_BINARIZED),
        baselines=("pca", "raw", "untrained"),
        form=".2%",
    ),
    "code_sparsity": Figure(
        label="code sparsity",
        meaning="Hoyer sparsity of the codes: 0 if all values of a code have the same magnitude, "
        "1 if only one of them is not zero (Hoyer 2004).",
        direction=None,
        compute=lambda outputs: hoyer_sparsity(outputs.codes),
    ),
    "nonzeros": Figure(
        label="non-zero values",
        meaning="Mean number of values in a code that are not zero.",
        direction=None,
        compute=lambda outputs: nonzeros(outputs.codes),
        form=",.0f",
        spread_form=",.1f",
    ),
    "auc": Figure(
        label="ROC AUC",
        meaning="Area under the ROC curve of the anomaly score, which is the reconstruction error: "
        "0.5 is chance, 1 is perfect.",
        direction="higher",
        compute=lambda outputs: outputs.ranking["auc"],
        needs=(NORMAL_CLASS,),
        baselines=DETECTING,
        of_reconstructions=True,
    ),
    "ap": Figure(
        label="average precision",
        meaning="Average precision of the anomaly score, with anomalies as the positive class.",
        direction="higher",
        compute=lambda outputs: outputs.ranking["ap"],
        needs=(NORMAL_CLASS,),
        baselines=DETECTING,
        of_reconstructions=True,
    ),
    "accuracy": Figure(
        label="detection accuracy",
        meaning="Share of test samples that are classified correctly by a threshold on the "
        "anomaly score. The threshold maximises the true positive rate minus the false positive "
        "rate on normal validation samples and anomalies of the training split.",
        direction="higher",
        compute=lambda outputs: outputs.detection["accuracy"],
        needs=(NORMAL_CLASS,),
        baselines=DETECTING,
    ),
    "f1": Figure(
        label="detection F1",
        meaning="F1 score of the anomalies in the test split at the same threshold.",
        direction="higher",
        compute=lambda outputs: outputs.detection["f1"],
        needs=(NORMAL_CLASS,),
        baselines=DETECTING,
    ),
    "false_alarms": Figure(
        label="false alarms",
        meaning="Share of the normal test samples whose score is above the same threshold.",
        direction="lower",
        compute=lambda outputs: outputs.detection["false_alarms"],
        needs=(NORMAL_CLASS,),
        baselines=DETECTING,
        form=".2%",
    ),
    "misses": Figure(
        label="missed anomalies",
        meaning="Share of the anomalies in the test split whose score is not above it.",
        direction="lower",
        compute=lambda outputs: outputs.detection["misses"],
        needs=(NORMAL_CLASS,),
        baselines=DETECTING,
        form=".2%",
    ),
    "nll_nats": Figure(
        label="NLL in nats",
        meaning="Upper bound on the negative log-likelihood of a test sample, estimated with 5,000 "
        "importance samples (Burda et al. 2015).",
        unit="nats",
        direction="lower",
        compute=lambda outputs: outputs.bounds["nll_nats"],
        needs=(PRIOR, BINARIZED),
        baselines=("mean",),
        form=".2f",
    ),
    "elbo_nats": Figure(
        label="negative ELBO in nats",
        meaning="Negative evidence lower bound of a test sample: the reconstruction term plus "
        "the KL divergence, estimated with the same importance samples.",
        unit="nats",
        direction="lower",
        compute=lambda outputs: outputs.bounds["elbo_nats"],
        needs=(PRIOR, BINARIZED),
        form=".2f",
    ),
    "reconstruction_nats": Figure(
        label="reconstruction in nats",
        meaning="Negative log-likelihood of a test sample given its code, averaged over codes "
        "drawn from the encoder's distribution.",
        unit="nats",
        direction="lower",
        compute=lambda outputs: outputs.bounds["reconstruction_nats"],
        needs=(PRIOR, BINARIZED),
        form=".2f",
    ),
    "kl_nats": Figure(
        label="KL in nats",
        meaning="KL divergence of the distribution of a test sample's code from the standard "
        "normal prior.",
        unit="nats",
        direction=None,
        compute=lambda outputs: outputs.posterior.kl_nats(),
        needs=(PRIOR,),
        form=".2f",
    ),
    "active_units": Figure(
        label="active units",
        meaning="Number of code values whose mean varies over the test split, with a variance "
        "above 0.01 (Burda et al. 2015).",
        direction=None,
        compute=lambda outputs: outputs.posterior.active_units(),
        needs=(PRIOR,),
        form=".0f",
        spread_form=".1f",
    ),
}
