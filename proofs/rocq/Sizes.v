(* Size laws over Z: what a convolution gives back of a transposed convolution's length. *)
Require Import ZArith Lia.
Open Scope Z_scope.

Definition out_size (M s p d k op : Z) := (M - 1) * s - 2 * p + d * (k - 1) + op + 1.
Definition conv_size (N s p d k : Z) := (N + 2 * p - d * (k - 1) - 1) / s + 1.

Lemma excess M s p d k op : 1 <= s -> conv_size (out_size M s p d k op) s p d k = M + op / s.
Proof.
unfold conv_size, out_size; intros positive.
replace (_ - 1) with ((M - 1) * s + op) by ring.
rewrite Z.div_add_l by lia; ring.
Qed.

Theorem size_inverse M s p d k op : 1 <= s -> 0 <= op ->
  (conv_size (out_size M s p d k op) s p d k = M <-> op < s).
Proof.
intros positive legal; rewrite excess by assumption; split; intros given.
- destruct (Z.lt_ge_cases op s) as [|above]; auto.
  assert (1 <= op / s) by (apply Z.div_le_lower_bound; lia). lia.
- rewrite Z.div_small; lia.
Qed.

Theorem accepted_is_not_inverse : exists M s p d k op, 1 <= s /\ 1 <= d /\ 1 <= k /\
  0 <= op < Z.max s d /\ conv_size (out_size M s p d k op) s p d k <> M.
Proof. exists 2, 1, 0, 2, 3, 1. vm_compute. intuition discriminate. Qed.

Theorem weight_gradient_size M s p d k op : 1 <= d ->
  (out_size M s p d k op + 2 * p - s * (M - 1) - 1) / d + 1 = k + op / d.
Proof.
intros positive; unfold out_size.
replace (_ - 1) with ((k - 1) * d + op) by ring.
rewrite Z.div_add_l by lia; ring.
Qed.
