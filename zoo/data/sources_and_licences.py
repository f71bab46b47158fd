"""What the data sets are, where they come from, and under which licence."""

# Description, source and licence.
SOURCES = {
    "digits": (
        "1,797 handwritten digits of 8 x 8 pixels",
        "UCI, Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998), in scikit-learn",
        "CC BY 4.0",
    ),
    "ecg5000": (
        "5,000 heartbeats of one patient, 140 values each, standardised one by one",
        "UCR archive (Dau et al. 2018), of PhysioNet's record chf07 (Goldberger et al. 2000)",
        "Open Data Commons Attribution 1.0",
    ),
    "fashion_mnist": (
        "70,000 grey images of clothes, 28 x 28 pixels",
        "Zalando Research (Xiao et al. 2017)",
        "MIT",
    ),
    "mnist": (
        "70,000 handwritten digits of 28 x 28 pixels",
        "LeCun, Cortes & Burges, from NIST",
        "none stated by its authors",
    ),
}
# What a class of the data holds.
CLASS_NAMES = {
    "ecg5000": ("normal beats",),
    "fashion_mnist": (
        "T-shirts",
        "trousers",
        "pullovers",
        "dresses",
        "coats",
        "sandals",
        "shirts",
        "sneakers",
        "bags",
        "ankle boots",
    ),
}
