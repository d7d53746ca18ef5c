(* What can be restored: rank, inverses, disjoint blocks. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Symconv Require Import Form Axis.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory. Local Open Scope ring_scope.

Theorem no_left_inverse (F : fieldType) m n (W : 'M[F]_(m, n)) :
  (m < n)%N -> forall V : 'M_(n, m), V *m W != 1%:M.
Proof. by move=> wide V; apply/eqP => /mulmx1_min; rewrite leqNgt wide. Qed.

Theorem transpose_restores_iff (R : comRingType) m n (W : 'M[R]_(m, n)) :
  (forall x : 'cV_n, W^T *m (W *m x) = x) <-> W^T *m W = 1%:M.
Proof.
split=> [h|h x]; last by rewrite mulmxA h mul1mx.
apply/matrixP=> i j; have := h (delta_mx j 0).
rewrite mulmxA -colE => /colP/(_ i); rewrite mxE => ->.
by rewrite !mxE eqxx andbT.
Qed.

(* each row has an entry where all later rows are zero *)
Theorem staircase_rank (F : fieldType) m n (W : 'M[F]_(m, n)) (c : 'I_m -> 'I_n) :
  (forall i, W i (c i) != 0) -> (forall i i' : 'I_m, (i < i')%N -> W i' (c i) = 0) -> row_free W.
Proof.
move=> step below; apply: inj_row_free => v vW; apply/rowP => i; rewrite mxE.
have [b] := ubnP (val i); elim: b i => // b IH i /ltnSE le_ib.
have := congr1 (fun u : 'rV_n => u 0 (c i)) vW.
rewrite !mxE (bigD1 i) //= big1 ?addr0 => [/eqP|i' ne].
  by rewrite mulf_eq0 (negbTE (step i)) orbF => /eqP.
case: (ltngtP i' i) => [lt|gt|/val_inj e].
- by rewrite IH ?mul0r // (leq_trans lt).
- by rewrite below ?mulr0.
- by rewrite e eqxx in ne.
Qed.

(* nothing cropped on the left, room for every tap, a kernel that is not zero *)
Theorem full_row_rank (F : fieldType) M N k s d (w : 'I_k -> F) :
  (0 < s)%N -> (0 < d)%N -> (forall (i : 'I_M) (a : 'I_k), i * s + a * d < N)%N ->
  (exists a, w a != 0) -> row_free (W M N s d 0 w).
Proof.
move=> s_gt0 d_gt0 room [a1 wa1].
case: (arg_minnP (P := fun a => w a != 0) (fun a : 'I_k => val a) wa1) => a0 wa0 first.
pose c i := Ordinal (room i a0).
have entry (i' i : 'I_M) : (i <= i')%N ->
    W M N s d 0 w i' (c i) = if i' == i then w a0 else 0.
  move=> le_ii; rewrite mxE /tap /= addn0.
  case: eqP => [->|ne].
    rewrite (big_pred1 a0) // => a; apply/eqP/eqP => [/eqP|->//].
    by rewrite eqn_add2l eqn_pmul2r // => /eqP/val_inj.
  apply: big1 => a /eqP e; apply/eqP; apply: contraTT isT => wa.
  have lt_ii : (i < i')%N.
    by rewrite ltn_neqAle le_ii andbT; apply/eqP => /val_inj /esym.
  have := first a wa; rewrite -(leq_pmul2r d_gt0) => le_aa.
  have : (i * s + a0 * d < i' * s + a * d)%N.
    by rewrite -addSn leq_add // ltn_pmul2r.
  by rewrite e ltnn.
apply: (staircase_rank (c := c)) => [i|i i' lt_ii].
  by rewrite entry // eqxx.
by rewrite entry ?(ltnW lt_ii) // -val_eqE /= gtn_eqF.
Qed.

(* disjoint blocks, nothing cropped: conv after convT is multiplication by the sum of squares *)
Section Gram.
Variables (R : comRingType) (I A J : finType) (T : I -> A -> J -> bool).
Hypothesis somewhere : forall i a, exists j, T i a j.
Hypothesis one_place : forall i a j j', T i a j -> T i a j' -> j = j'.
Hypothesis disjoint : forall i a i' a' j, T i a j -> T i' a' j -> i = i' /\ a = a'.

Theorem conv_convT (w : A -> R) x i : Form.conv T w (convT T w x) i = (\sum_a w a * w a) * x i.
Proof.
rewrite /Form.conv big_distrl /=; apply: eq_bigr => a _; have [j Tj] := somewhere i a.
rewrite (big_pred1 j) => [|j']; last by apply/idP/eqP => [/one_place/(_ Tj)|->].
rewrite /convT (bigD1 i) //= [X in _ + X]big1 => [|i' ne]; last first.
  by rewrite big_pred0 // => a'; apply/negP => /(disjoint Tj)[e _]; rewrite e eqxx in ne.
rewrite addr0 (big_pred1 a) ?mulrA // => a'.
by apply/idP/eqP => [/(disjoint Tj)[_ ->]|->].
Qed.
End Gram.
