"""How good a separation is: metrics, the papers' protocols, tables and plots.

Only the protocols that need them load museval and mir_eval, and only pictures matplotlib.
"""
